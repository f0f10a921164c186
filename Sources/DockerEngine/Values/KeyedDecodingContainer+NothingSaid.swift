// Engines say "nothing" in four ways: by no field, null, an empty text and zero, and differ between their versions.
extension KeyedDecodingContainer {
    func decodeUnlessEmpty(forKey key: Key) throws -> String? {
        let text = try decodeIfPresent(String.self, forKey: key)
        return text?.isEmpty == true ? nil : text
    }

    func decodeUnlessZero(forKey key: Key) throws -> Int64? {
        let number = try decodeIfPresent(Int64.self, forKey: key)
        return number == 0 ? nil : number
    }
}
