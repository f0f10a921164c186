/// A string that is compared byte for byte.
///
/// `String` compares and hashes by canonical equivalence. RFC 8259 does not, and normalization takes quadratic time on
/// a long run of combining marks: hashing one hostile name of 1 MiB takes a minute.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        _ = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
