/// Whether JSON text nests deeper than `limit`.
///
/// Foundation's decoder is recursive, so deeply nested text from an untrusted engine could overflow the stack of a pool
/// thread.
func isNested(_ json: some Sequence<UInt8>, deeperThan limit: Int) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in json {
        if isEscaped {
            isEscaped = false
            continue
        }
        switch byte {
        case UInt8(ascii: "\\"): isEscaped = isInString
        case UInt8(ascii: "\""): isInString.toggle()
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            if isInString { continue }
            depth += 1
            if depth > limit { return true }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): if !isInString { depth -= 1 }
        default: continue
        }
    }
    return false
}
