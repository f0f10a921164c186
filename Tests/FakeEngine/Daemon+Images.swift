import FoundationEssentials
import NIOHTTP1

// Images, which are listed if they were added or pulled; containers can be created from any name.
extension Daemon {
    func listImages() -> EngineAnswer { .json(.ok, "[" + images.map(\.summary).joined(separator: ",") + "]") }

    /// The id of the image with this name.
    func imageID(of name: String) -> String { images.first { $0.tags.contains(withTag(name)) }?.id ?? usualImageID }

    func pull(_ request: EngineRequest) -> EngineAnswer {
        pulls += 1
        logins.append(login(request.headers.first(name: "X-Registry-Auth")))
        let tag = request["tag"] ?? "latest"
        let name = (request["fromImage"] ?? "") + (tag.hasPrefix("sha256:") ? "@" : ":") + tag
        if behavior.pullFailure == nil, !images.contains(where: { $0.tags.contains(name) }) {
            images.append(Image(pulled: name))
        }
        let last = behavior.pullFailure.map { "{\"errorDetail\":{\"message\":\(quoted($0))}}" }
        let lines =
            [#"{"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"a1b2c3d4e5f6"}"#]
            + [last ?? #"{"status":"Pull complete","progressDetail":{},"id":"a1b2c3d4e5f6"}"#]
        return .json(.ok, (behavior.pullsSilently ? Array(lines.suffix(1)) : lines).joined(separator: "\n") + "\n")
    }

    private func login(_ header: String?) -> String {
        let text = header?.replacing("-", with: "+").replacing("_", with: "/") ?? ""
        return Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) } ?? "not base64"
    }

    /// Removes an image, or one of its names, by the rules of an engine that is not forced.
    func removeImage(_ name: String) -> EngineAnswer {
        let isID = name.hasPrefix("sha256:")
        guard let index = images.firstIndex(where: { isID ? $0.id == name : $0.tags.contains(withTag(name)) }) else {
            return .refusal(.notFound, "No such image: \(name)")
        }
        let image = images[index]
        guard !isID || image.tags.count <= 1 else {
            return .refusal(
                .conflict,
                "conflict: unable to delete \(name) (must be forced) - image is referenced in multiple repositories"
            )
        }
        if isID || image.tags.count == 1 {
            if let user = containers.values.first(where: { $0.imageID == image.id }) {
                let message = "conflict: unable to delete \(name) (must be forced) - image is being used by container"
                return .refusal(.conflict, "\(message) \(user.id.prefix(12))")
            }
            images.remove(at: index)
            return .json(.ok, #"[{"Untagged":\#(quoted(name))},{"Deleted":"\#(image.id)"}]"#)
        }
        images[index].tags.removeAll { $0 == withTag(name) }
        return .json(.ok, #"[{"Untagged":\#(quoted(name))}]"#)
    }
}
