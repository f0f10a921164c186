/// A name that a client sent, in quotes for a message, cut where it is absurdly long.
func quoted(_ name: String) -> String {
    "\"\(shortened(name, to: 64))\""
}

/// The first `limit` code points of `text`; an ellipsis stands for the rest.
func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    // Code points, since a single `Character` may be as long as a body.
    let kept = text.unicodeScalars.prefix(limit)
    return kept.endIndex == text.endIndex ? text : String(kept) + "…"
}
