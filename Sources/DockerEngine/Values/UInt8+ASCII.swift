// The ASCII characters alone, unlike the properties of `Character`.
extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    /// Bit 5 is the difference between the two cases of a letter.
    var isLetter: Bool { (self | 0x20).isLowercase }
    var isAlphanumeric: Bool { isLetter || isDigit }
}
