/// The candidate that `name` is most likely a misspelling of, or nil if none is near.
///
/// A candidate is near if at most a third of the letters, or one letter, are missing, added, changed or swapped with
/// their neighbour; or if one name is a prefix of the other, of at least three letters. Case is ignored, the first of
/// equally near candidates wins, and names above 64 letters are not compared.
package func closest(to name: String, among candidates: [String]) -> String? {
    guard let letters = comparableLetters(of: name) else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        guard let others = comparableLetters(of: candidate) else { continue }
        let distance = editDistance(letters, others)
        // Two different words of one letter each have nothing in common.
        let isNear = distance <= max(1, letters.count / 3) && distance < max(letters.count, others.count)
        guard isNear || isCutShort(letters, others) else { continue }
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

private func comparableLetters(of name: String) -> [Unicode.Scalar]? {
    let limit = 64
    guard !name.isEmpty, name.unicodeScalars.prefix(limit + 1).count <= limit else { return nil }
    return Array(name.lowercased().unicodeScalars)
}

private func isCutShort(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Bool {
    let (shorter, longer) = left.count <= right.count ? (left, right) : (right, left)
    return shorter.count >= 3 && longer.starts(with: shorter)
}

/// The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
        var current = [i + 1]
        for j in right.indices {
            let change = previous[j] + (left[i] == right[j] ? 0 : 1)
            var distance = min(previous[j + 1] + 1, current[j] + 1, change)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                distance = min(distance, beforePrevious[j - 1] + 1)
            }
            current.append(distance)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
}
