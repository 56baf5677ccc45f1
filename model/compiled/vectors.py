"""Sixteen float32 at once: a value of compiled code that is one LLVM vector.

LLVM turns it into whatever the processor has (two AVX2 registers, one of AVX-512, four of
NEON), and the arithmetic is written out: a fused multiply-add is one everywhere, no sum is
reordered, and `exp` is not the C library's. So the numbers depend neither on the processor nor
on how many pieces are computed side by side. The functions only exist in compiled code.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.datamodel import DataModelManager
from numba.core.typing import Context
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import make_array
from numba.types import Array, Type, float32, intp, void

Generator = Callable[[BaseContext, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]
"""Writes the instructions of a call."""
Intrinsic = tuple[Signature, Generator]
"""What an intrinsic answers to the types of its arguments."""
Writer = Callable[..., ir.Value | None]
"""Writes the instructions of a call: (builder, *arguments) to the result, if there is one."""

LANES = 16
VECTOR = ir.VectorType(ir.FloatType(), LANES)
_INTEGERS = ir.VectorType(ir.IntType(32), LANES)

# exp(x) = 2^n e^r with n = round(x / log 2), |r| <= log(2) / 2; the polynomial of e^r and the
# two parts of log 2 are Cephes' expf (S. Moshier, http://www.netlib.org/cephes/).
_LOG2_E = 1.44269504088896341
_LOG_2 = (0.693359375, -2.12194440e-4)
_POLYNOMIAL = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2,
               1.6666665459e-1, 5.0000001201e-1)  # fmt: skip
_EXP_LIMIT = 87.0
# 1.5 * 2^23: adding it rounds a float32 to a whole number that stands in its lowest bits.
_ROUNDER = 12582912.0


class Vector(Type):  # type: ignore[misc]  # numba's classes have no types
    """Type of sixteen float32 in compiled code."""

    def __init__(self) -> None:
        super().__init__(name="Float32x16")


vector = Vector()
ARRAY = Type("any contiguous array")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # numba's classes have no types
    def __init__(self, manager: DataModelManager, numba_type: Type) -> None:
        super().__init__(manager, numba_type, VECTOR)


def instruction(result: Type, *kinds: Type) -> Callable[[Writer], Callable[..., Any]]:
    """A decorator: from what writes some instructions to a function of compiled code.

    The writer gets the builder and the arguments as LLVM's values, an array as a pointer to its
    first element. `kinds` are the types of the arguments; ARRAY is any contiguous array.
    """

    def decorate(write: Writer) -> Callable[..., Any]:
        # With the writer's own parameters: numba leaves out the first, and calls by the others.
        @wraps(write)
        def typed(typing_context: Context, *given: Type) -> Intrinsic:
            types = [
                actual if kind is ARRAY else kind for kind, actual in zip(kinds, given, strict=True)
            ]

            def generate(
                context: BaseContext,
                builder: ir.IRBuilder,
                signature: Signature,
                arguments: Sequence[ir.Value],
            ) -> ir.Value:
                values = [
                    make_array(kind)(context, builder, value).data
                    if isinstance(kind, Array)
                    else value
                    for kind, value in zip(signature.args, arguments, strict=True)
                ]
                written = write(builder, *values)
                return context.get_dummy_value() if written is None else written

            return result(*types), generate

        return cast("Callable[..., Any]", intrinsic(typed))

    return decorate


def load_vector(builder: ir.IRBuilder, pointer: ir.Value) -> ir.Value:
    """Load sixteen float32 or int8 from a pointer as floats."""
    element = pointer.type.pointee
    pointer = builder.bitcast(pointer, ir.VectorType(element, LANES).as_pointer())
    value = builder.load(pointer)
    value.align = 1 if isinstance(element, ir.IntType) else 4
    if isinstance(element, ir.IntType):
        value = builder.sitofp(builder.sext(value, _INTEGERS), VECTOR)
    return value


def store_vector(builder: ir.IRBuilder, value: ir.Value, pointer: ir.Value) -> None:
    """Store sixteen float32."""
    builder.store(value, builder.bitcast(pointer, VECTOR.as_pointer())).align = 4


def splat_scalar(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    """The same float32 in every lane."""
    empty = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(empty, scalar, ir.IntType(32)(0))
    return builder.shuffle_vector(first, empty, ir.Constant(_INTEGERS, [0] * LANES))


def fuse(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """a * b + c with one rounding."""
    kind = ir.FunctionType(VECTOR, [VECTOR] * 3)
    name = f"llvm.fma.v{LANES}f32"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def _constant(value: float) -> ir.Constant:
    return ir.Constant(VECTOR, [value] * LANES)


def _exponential(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """e^x of each lane, |x| <= 87, to about one unit in the last place."""
    whole = fuse(builder, x, _constant(_LOG2_E), _constant(_ROUNDER))
    n = builder.fsub(whole, _constant(_ROUNDER))
    rest = fuse(builder, n, _constant(-_LOG_2[0]), x)
    rest = fuse(builder, n, _constant(-_LOG_2[1]), rest)
    value = _constant(_POLYNOMIAL[0])
    for coefficient in _POLYNOMIAL[1:]:
        value = fuse(builder, value, rest, _constant(coefficient))
    value = fuse(builder, builder.fmul(value, rest), rest, rest)
    value = builder.fadd(value, _constant(1.0))
    bits = builder.shl(builder.bitcast(whole, _INTEGERS), ir.Constant(_INTEGERS, [23] * LANES))
    power = builder.add(bits, ir.Constant(_INTEGERS, [127 << 23] * LANES))
    return builder.fmul(value, builder.bitcast(power, VECTOR))


@instruction(vector, ARRAY, intp)
def load(builder: ir.IRBuilder, array: ir.Value, index: ir.Value) -> ir.Value:
    """load(array, index): sixteen elements from a place in a contiguous array's memory."""
    return load_vector(builder, builder.gep(array, [index]))


@instruction(void, ARRAY, intp, vector)
def store(builder: ir.IRBuilder, array: ir.Value, index: ir.Value, value: ir.Value) -> None:
    """store(array, index, value): write sixteen elements to a place in an array's memory."""
    store_vector(builder, value, builder.gep(array, [index]))


@instruction(vector, float32)
def splat(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    """splat(scalar): the same float32 in every lane."""
    return splat_scalar(builder, scalar)


@instruction(vector, vector, vector)
def add(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """add(a, b): a + b"""
    return builder.fadd(a, b)


@instruction(vector, vector, vector)
def subtract(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """subtract(a, b): a - b"""
    return builder.fsub(a, b)


@instruction(vector, vector, vector)
def multiply(builder: ir.IRBuilder, a: ir.Value, b: ir.Value) -> ir.Value:
    """multiply(a, b): a * b"""
    return builder.fmul(a, b)


@instruction(vector, vector, vector, vector)
def multiply_add(builder: ir.IRBuilder, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
    """multiply_add(a, b, c): a * b + c with one rounding."""
    return fuse(builder, a, b, c)


@instruction(vector, vector)
def sigmoid(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """sigmoid(x): 1 / (1 + e^-x) of each lane."""
    for predicate, limit in (("<", -_EXP_LIMIT), (">", _EXP_LIMIT)):
        beyond = builder.fcmp_ordered(predicate, x, _constant(limit))
        x = builder.select(beyond, _constant(limit), x)
    power = _exponential(builder, builder.fneg(x))
    return builder.fdiv(_constant(1.0), builder.fadd(_constant(1.0), power))


@instruction(float32, vector)
def total(builder: ir.IRBuilder, x: ir.Value) -> ir.Value:
    """total(x): sum of the lanes, halves first."""
    lanes = LANES
    while lanes > 1:
        lanes //= 2
        index = ir.VectorType(ir.IntType(32), lanes)
        low, high = (
            builder.shuffle_vector(x, x, ir.Constant(index, list(half)))
            for half in (range(lanes), range(lanes, 2 * lanes))
        )
        x = builder.fadd(low, high)
    return builder.extract_element(x, ir.IntType(32)(0))
