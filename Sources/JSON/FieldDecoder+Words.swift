extension FieldDecoder where Value == [String] {
    /// A command: an array of words, or one line that is split by the word rules of the POSIX shell.
    package static var words: FieldDecoder {
        let array = FieldDecoder.list(of: .string())
        return FieldDecoder(schema: .schema(ofOne: ["type": "string"], array.schema), encodedSchema: array.schema) {
            value,
            pointer throws(FieldErrors) in
            switch value {
            case .array:
                return try array.read(value, pointer)
            case .string(let line):
                do throws(ShellWordsError) {
                    return try ShellWords.split(line)
                } catch {
                    throw FieldErrors(error.description, at: pointer)
                }
            default:
                throw .wrongKind(value, wanted: "a string or an array of strings", at: pointer)
            }
        }
    }
}
