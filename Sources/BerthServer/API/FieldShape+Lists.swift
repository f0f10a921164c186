import Berth
import BerthAPI
import DockerEngine

// The fields of an app that hold several things, each of which may be given once.

extension FieldShape where Value == Variables {
    static var variables: FieldShape {
        named(Variables(), make: Variable.init(name:value:)) { (list, variable) throws(InvalidValue) in
            try list.append(variable)
        }
    }
}

extension FieldShape where Value == Labels {
    static var labels: FieldShape {
        named(Labels(), make: Label.init(name:value:)) { (list, label) throws(InvalidValue) in
            try list.append(label)
        }
    }
}

extension FieldShape where Value == Ports {
    static var ports: FieldShape {
        collection(Ports(), of: .port) { (list, port) throws(InvalidValue) in try list.append(port) }
    }
}

extension FieldShape where Value == Volumes {
    static var volumes: FieldShape {
        collection(Volumes(), of: .volume) { (list, volume) throws(InvalidValue) in try list.append(volume) }
    }
}

extension FieldShape where Value == Volume {
    private static var volume: FieldShape {
        FieldShape<(name: String, target: String, isReadOnly: Bool)>.object { fields throws(FieldFaults) in
            let name = fields.required("name", .string())
            let target = fields.required("target", .string())
            let isReadOnly = fields.optional("read_only", .boolean) ?? false
            let needed = try fields.finish(name, target)
            return (needed.0, needed.1, isReadOnly)
        }.map(
            { given throws(InvalidValue) in
                try Volume(name: given.name, target: given.target, isReadOnly: given.isReadOnly)
            },
            detail: \.message
        )
    }
}

extension FieldShape {
    /// An array whose elements are added one by one; what `add` refuses is a fault of that element.
    private static func collection<Element>(
        _ empty: Value,
        of element: FieldShape<Element>,
        add: @escaping (inout Value, Element) throws(InvalidValue) -> Void
    ) -> FieldShape {
        .init { value, pointer throws(FieldFaults) in
            guard case .array(let elements) = value else { throw .wrongKind(value, wanted: "an array", at: pointer) }
            var collection = empty
            var faults: FieldFaults?
            for (index, value) in elements.enumerated() {
                let place = pointer.element(index)
                faults.collect { () throws(FieldFaults) in
                    let element = try element.read(value, place)
                    do throws(InvalidValue) {
                        try add(&collection, element)
                    } catch {
                        throw FieldFaults(error.message, at: place)
                    }
                }
            }
            try faults.check()
            return collection
        }
    }

    /// Texts with names; what `make` refuses is a fault of that entry.
    private static func named<Entry>(
        _ empty: Value,
        make: @escaping (String, String) throws(InvalidValue) -> Entry,
        add: @escaping (inout Value, Entry) throws(InvalidValue) -> Void
    ) -> FieldShape {
        let texts = FieldShape<[NamedString]>.namedStrings { entry in
            do throws(InvalidValue) {
                _ = try make(entry.name, entry.value)
                return nil
            } catch {
                return error.message
            }
        }
        return texts.map(
            { texts throws(InvalidValue) in
                var collection = empty
                for text in texts { try add(&collection, make(text.name, text.value)) }
                return collection
            },
            detail: \.message
        )
    }
}
