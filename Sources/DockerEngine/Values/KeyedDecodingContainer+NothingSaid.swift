// Engines encode a missing value in four forms, which differ between versions: no field, null, an empty text and zero.
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
