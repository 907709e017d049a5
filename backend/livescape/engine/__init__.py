"""Operations that exist more than once, each behind one dispatch on the device."""
