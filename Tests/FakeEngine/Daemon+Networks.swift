import FoundationEssentials
import NIOCore
import NIOHTTP1

extension Daemon {
    private struct NetworkDefinition: Decodable {
        let name: String
        let labels: [String: String]

        private enum CodingKeys: String, CodingKey {
            case name = "Name"
            case labels = "Labels"
        }
    }

    func listNetworks(_ request: EngineRequest) -> EngineAnswer {
        let wanted = request.filter("label")
        let found = networks.filter { _, labels in
            let texts = labels.map { "\($0)=\($1)" }
            return wanted.allSatisfy(texts.contains)
        }
        let rows = found.keys.sorted().map { "{\"Id\":\(quoted($0)),\"Name\":\(quoted($0))}" }
        return .json(.ok, "[" + rows.joined(separator: ",") + "]")
    }

    func createNetwork(_ request: EngineRequest) -> EngineAnswer {
        let body = Data(request.body.readableBytesView)
        guard let definition = try? JSONDecoder().decode(NetworkDefinition.self, from: body) else {
            return .refusal(.badRequest, "the body cannot be read")
        }
        guard networks[definition.name] == nil else {
            return .refusal(.conflict, "network with name \(definition.name) already exists")
        }
        networks[definition.name] = definition.labels
        return .json(.created, "{\"Id\":\(quoted(definition.name)),\"Warning\":\"\"}")
    }
}
