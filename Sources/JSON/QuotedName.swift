/// A name that a client sent, quoted for a message, and cut if it is very long.
func quoted(_ name: String) -> String {
    "\"\(shortened(name, to: 64))\""
}

/// The first `limit` code points of `text`, followed by an ellipsis if it was cut.
func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    // Code points, since a single `Character` can be as long as a body.
    let kept = text.unicodeScalars.prefix(limit)
    return kept.endIndex == text.endIndex ? text : String(kept) + "…"
}
