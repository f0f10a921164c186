package import JSON

/// A part of a list.
package struct PageJSON<Item: JSONRecord>: JSONRecord {
    package var items: [Item] = []
    /// The cursor of the next part; nil at the end.
    package var nextCursor: String?

    package init() {}

    package static var title: String { "\(Item.title)List" }

    package static var fields: [JSONField<PageJSON>] {
        [
            .init("items", \.items, .list(of: Item.decoder)),
            .init("next_cursor", \.nextCursor, .string()),
        ]
    }
}
