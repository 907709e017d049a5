"""Operations with several implementations, each behind one dispatch on the device."""
