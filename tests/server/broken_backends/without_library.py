import ctypes

ctypes.CDLL("libno_such_library.so.7")
