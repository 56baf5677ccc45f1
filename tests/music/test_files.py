import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from partimento.errors import FileTakenError, PartimentoError
from partimento.music.files import replacing, target_of, write_whole

needs_links = pytest.mark.skipif(os.name == "nt", reason="needs rights that few have on Windows")


def test_a_new_file_follows_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    before = os.umask(0o027)
    try:
        write_whole(path, b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_whole(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    write_whole(path, b"old")

    def fail(*names: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, b"new")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_an_error_inside_leaves_the_old_file_and_comes_out_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.PNG"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as temporary:
            assert temporary.suffix == ".png"
            assert temporary.parent == tmp_path
            temporary.write_bytes(b"half")
            raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        write()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.PNG"]


def test_a_missing_folder_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "none" / "a.bin"
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(path, b"x")
    assert caught.value.filename == str(path)


def test_a_file_that_is_there_is_refused_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with replacing(path, force=False) as temporary:
        temporary.write_bytes(b"first")
    with pytest.raises(FileTakenError, match=r"a\.bin exists"):
        replacing(path, force=False).__enter__()
    with pytest.raises(FileTakenError), replacing(tmp_path / "b", force=False) as temporary:
        (tmp_path / "b").write_bytes(b"somebody else's")
    assert (tmp_path / "b").read_bytes() == b"somebody else's"
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "b"]


def test_the_temporary_file_may_stand_in_another_folder(tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    staging.mkdir()
    with replacing(tmp_path / "a.bin", staging=staging) as temporary:
        assert temporary.parent == staging
        temporary.write_bytes(b"x")
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "staging"]
    assert not os.listdir(staging)


@needs_links
def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    target = tmp_path / "deep" / "real.bin"
    target.write_bytes(b"old")
    link = tmp_path / "link.bin"
    link.symlink_to(Path("deep", "real.bin"))
    (tmp_path / "second.bin").symlink_to("link.bin")
    write_whole(tmp_path / "second.bin", b"new")
    assert target.read_bytes() == b"new"
    assert link.is_symlink()
    assert os.listdir(tmp_path / "deep") == ["real.bin"]


@needs_links
def test_a_link_that_leads_nowhere_is_refused_and_stays(tmp_path: Path) -> None:
    dangling, loop = tmp_path / "dangling.bin", tmp_path / "loop.bin"
    dangling.symlink_to("none.bin")
    loop.symlink_to("loop.bin")
    with pytest.raises(PartimentoError, match=r"is a link to none\.bin, which is not there"):
        write_whole(dangling, b"new")
    with pytest.raises(PartimentoError, match="is a link that leads back to itself"):
        write_whole(loop, b"new")
    assert sorted(os.listdir(tmp_path)) == ["dangling.bin", "loop.bin"]
    assert target_of(tmp_path / "none.bin") == tmp_path / "none.bin"


@needs_links
def test_a_device_and_a_pipe_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    link = tmp_path / "full.bin"
    link.symlink_to("/dev/full")
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="No space left") as caught:
            write_whole(link, b"new")
        assert caught.value.filename == str(link)
    pipe = tmp_path / "pipe.bin"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"through")
    reader.join(10)
    assert read == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["full.bin", "pipe.bin"]
