package import JSON

/// The elements of a setting in the given order, none of which conflicts with another.
package struct SettingList<Element: SettingElement>: Sendable, Equatable, JSONRepresentable {
    package private(set) var list: [Element] = []

    package init() {}

    package init(_ elements: [Element]) throws(InvalidValue) {
        for element in elements { try append(element) }
    }

    /// The elements that are there and fit into the list; the others are left out.
    init(fitting elements: [Element?]) {
        for case let element? in elements { try? append(element) }
    }

    package mutating func append(_ element: Element) throws(InvalidValue) {
        for earlier in list {
            if let conflict = element.conflict(with: earlier) { throw InvalidValue(conflict) }
        }
        let limit = Element.limit
        guard list.count < limit.count else { throw InvalidValue("must have at most \(limit.count) \(limit.name)") }
        list.append(element)
    }

    package var json: JSONValue { Element.json(of: list) }
}

/// An element of a ``SettingList``.
package protocol SettingElement: Sendable, Equatable {
    /// The most elements in a list, and their name for people.
    static var limit: (count: Int, name: String) { get }

    /// Why this element and an earlier one cannot be in one list; nil if they can.
    func conflict(with earlier: Self) -> String?

    static func json(of list: [Self]) -> JSONValue
}

extension SettingElement where Self: JSONRepresentable {
    package static func json(of list: [Self]) -> JSONValue { list.json }
}

/// An element that is a name and its text.
package protocol NamedElement: SettingElement {
    var name: String { get }
    var value: String { get }

    init(name: String, value: String) throws(InvalidValue)
}

extension NamedElement {
    package static func json(of list: [Self]) -> JSONValue {
        JSONValue(list.map { NamedString(name: $0.name, value: $0.value) })
    }
}

extension FieldDecoder {
    /// An array whose elements are added one by one; an element that does not fit gets an error of its own.
    static func collection<Element>(of element: FieldDecoder<Element>) -> FieldDecoder
    where Value == SettingList<Element> {
        collection(ofParts: element.map { [$0] })
    }

    /// Like ``collection(of:)``, but each element of the array stands for any number of elements of the list.
    static func collection<Element>(ofParts part: FieldDecoder<[Element]>) -> FieldDecoder
    where Value == SettingList<Element> {
        FieldDecoder(
            schema: ["type": "array", "items": part.schema],
            encodedSchema: ["type": "array", "items": part.encodedSchema]
        ) { value, pointer throws(FieldErrors) in
            guard case .array(let parts) = value else { throw .wrongKind(value, wanted: "an array", at: pointer) }
            var collection = SettingList<Element>()
            var errors: FieldErrors?
            for (index, value) in parts.enumerated() {
                let place = pointer.element(index)
                errors.collect { () throws(FieldErrors) in
                    let elements = try part.read(value, place)
                    do throws(InvalidValue) {
                        for element in elements { try collection.append(element) }
                    } catch {
                        throw FieldErrors(error.message, at: place)
                    }
                }
            }
            try errors.check()
            return collection
        }
    }

    /// Texts with names; an entry that is no valid element gets an error of its own.
    static func named<Element: NamedElement>() -> FieldDecoder where Value == SettingList<Element> {
        let texts = FieldDecoder<[NamedString]>.namedStrings { entry in
            do throws(InvalidValue) {
                _ = try Element(name: entry.name, value: entry.value)
                return nil
            } catch {
                return error.message
            }
        }
        return texts.map(
            { texts throws(InvalidValue) in
                var collection = SettingList<Element>()
                for text in texts { try collection.append(Element(name: text.name, value: text.value)) }
                return collection
            },
            detail: \.message
        )
    }
}
