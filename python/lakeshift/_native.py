"""The C API of lakeshift_sql.h, as ctypes sees it."""
import ctypes
import pathlib

ABI = 1


class Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]

    def __str__(self) -> str:
        return ctypes.string_at(self.data, self.size).decode("utf-8", "replace") if self.size else ""


class Statement(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int32), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32), ("begin", ctypes.c_uint32),
                ("end", ctypes.c_uint32), ("output", Text), ("findings", ctypes.c_size_t), ("rules", ctypes.c_size_t),
                ("assumptions", ctypes.c_size_t)]


class Finding(ctypes.Structure):
    _fields_ = [("severity", ctypes.c_int32), ("line", ctypes.c_uint32), ("column", ctypes.c_uint32), ("code", Text), ("message", Text),
                ("remedy", Text)]


class Rule(ctypes.Structure):
    _fields_ = [("name", Text), ("typed", ctypes.c_int32)]


def load() -> ctypes.CDLL:
    path = pathlib.Path(__file__).with_name("liblakeshift_sql.so")
    library = ctypes.CDLL(str(path))
    handle, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
    for name, result, arguments in [
            ("abi", number, []), ("version", ctypes.c_char_p, []), ("new", handle, []), ("free", None, [handle]),
            ("set", number, [handle, ctypes.c_char_p, ctypes.c_char_p]), ("add_types", number, [handle, ctypes.c_char_p, size]),
            ("error", ctypes.c_char_p, [handle]), ("translate", number, [handle, ctypes.c_char_p, size, ctypes.POINTER(handle)]),
            ("result_free", None, [handle]), ("count", size, [handle]),
            ("statement_at", number, [handle, size, ctypes.POINTER(Statement)]),
            ("finding_at", number, [handle, size, size, ctypes.POINTER(Finding)]),
            ("rule_at", number, [handle, size, size, ctypes.POINTER(Rule)]),
            ("assumption_at", number, [handle, size, size, ctypes.POINTER(Text)])]:
        function = getattr(library, "lakeshift_sql_" + name)
        function.restype, function.argtypes = result, arguments
    if library.lakeshift_sql_abi() < ABI:
        raise ImportError(f"{path} has ABI {library.lakeshift_sql_abi()}, this package needs {ABI}: install lakeshift again")
    return library
