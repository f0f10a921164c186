extension FieldShape where Value == [String] {
    /// A command: an array of words, or one line that is split by the word rules of the POSIX shell.
    package static var words: FieldShape {
        let array = FieldShape.list(of: .string())
        return FieldShape { value, pointer throws(FieldFaults) in
            switch value {
            case .array:
                return try array.read(value, pointer)
            case .string(let line):
                do throws(ShellWordsError) {
                    return try ShellWords.split(line)
                } catch {
                    throw FieldFaults(error.description, at: pointer)
                }
            default:
                throw .wrongKind(value, wanted: "a string or an array of strings", at: pointer)
            }
        }
    }
}
