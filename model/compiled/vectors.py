"""Sixteen float32 at once: a value of compiled code that is one LLVM vector.

LLVM turns it into whatever the processor has (two AVX2 registers, one of AVX-512, four of
NEON), and the arithmetic is written out: a fused multiply-add is one everywhere, no sum is
reordered, and `exp` is not the C library's. So the numbers depend neither on the processor nor
on how many pieces are computed side by side. The functions only exist in compiled code.
"""

from collections.abc import Callable, Sequence
from typing import cast

from llvmlite import ir
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.datamodel import DataModelManager
from numba.core.typing import Context
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import make_array
from numba.types import Array, Integer, Type, float32, intp, void

Generator = Callable[[BaseContext, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]
"""Writes the instructions of a call."""
Intrinsic = tuple[Signature, Generator]
"""What an intrinsic answers to the types of its arguments."""

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


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # numba's classes have no types
    def __init__(self, manager: DataModelManager, numba_type: Type) -> None:
        super().__init__(manager, numba_type, VECTOR)


def element_pointer(
    context: BaseContext, builder: ir.IRBuilder, array_type: Array, array: ir.Value, index: ir.Value
) -> ir.Value:
    """Pointer to an element of a contiguous array, by its place in memory."""
    return builder.gep(make_array(array_type)(context, builder, array).data, [index])


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


@intrinsic
def load(typing_context: Context, array: Array, index: Integer) -> Intrinsic:
    """load(array, index): sixteen elements from a place in a contiguous array's memory."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        return load_vector(
            builder, element_pointer(context, builder, signature.args[0], *arguments)
        )

    return vector(array, intp), generate


@intrinsic
def store(typing_context: Context, array: Array, index: Integer, value: Vector) -> Intrinsic:
    """store(array, index, value): write sixteen elements to a place in an array's memory."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        pointer = element_pointer(context, builder, signature.args[0], *arguments[:2])
        store_vector(builder, arguments[2], pointer)
        return context.get_dummy_value()

    return void(array, intp, vector), generate


@intrinsic
def splat(typing_context: Context, scalar: Type) -> Intrinsic:
    """splat(scalar): the same float32 in every lane."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        return splat_scalar(builder, arguments[0])

    return vector(float32), generate


@intrinsic
def multiply_add(typing_context: Context, a: Vector, b: Vector, c: Vector) -> Intrinsic:
    """multiply_add(a, b, c): a * b + c with one rounding."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        return fuse(builder, *arguments)

    return vector(vector, vector, vector), generate


def _binary(instruction: str) -> Callable[[Vector, Vector], Vector]:
    @intrinsic
    def operation(typing_context: Context, a: Vector, b: Vector) -> Intrinsic:
        def generate(
            context: BaseContext,
            builder: ir.IRBuilder,
            signature: Signature,
            arguments: Sequence[ir.Value],
        ) -> ir.Value:
            return getattr(builder, instruction)(*arguments)

        return vector(vector, vector), generate

    return cast("Callable[[Vector, Vector], Vector]", operation)


add, subtract, multiply = (_binary(name) for name in ("fadd", "fsub", "fmul"))


@intrinsic
def sigmoid(typing_context: Context, x: Vector) -> Intrinsic:
    """sigmoid(x): 1 / (1 + e^-x) of each lane."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        x = arguments[0]
        for predicate, limit in (("<", -_EXP_LIMIT), (">", _EXP_LIMIT)):
            beyond = builder.fcmp_ordered(predicate, x, _constant(limit))
            x = builder.select(beyond, _constant(limit), x)
        power = _exponential(builder, builder.fneg(x))
        return builder.fdiv(_constant(1.0), builder.fadd(_constant(1.0), power))

    return vector(vector), generate


@intrinsic
def total(typing_context: Context, x: Vector) -> Intrinsic:
    """total(x): sum of the lanes, halves first."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        arguments: Sequence[ir.Value],
    ) -> ir.Value:
        value = arguments[0]
        lanes = LANES
        while lanes > 1:
            lanes //= 2
            index = ir.VectorType(ir.IntType(32), lanes)
            low, high = (
                builder.shuffle_vector(value, value, ir.Constant(index, list(half)))
                for half in (range(lanes), range(lanes, 2 * lanes))
            )
            value = builder.fadd(low, high)
        return builder.extract_element(value, ir.IntType(32)(0))

    return float32(vector), generate
