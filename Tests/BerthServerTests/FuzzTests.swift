import HTTPTypes
import TestSupport
import Testing

@testable import BerthServer

@Suite(.timeLimit(.minutes(5))) struct FuzzTests {
    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `No malformed request makes the server fail`(_ seed: UInt64) async throws {
        let client = try await RouterClient()
        try await client.withUnreachableHost {
            var mangler = Mangler(seed: seed)
            for _ in 0..<1000 {
                let (method, path, headers, body, authority) = mangler.request()
                let answer = try await client.send(method, path, body, headers: headers, authority: authority)
                let isTruthful = answer.status < 500 || answer.status == 503
                #expect(isTruthful, "\(answer.status) to \(method) \(path) \(body ?? "")")
                if answer.status >= 400, method != .head { #expect(try answer.code()?.isEmpty == false) }
            }
            #expect(try await client.send(.get, "/readyz").status == 200)
            #expect(try await client.send(.get, "/apps").status == 200)
        }
    }
}

/// Makes requests that are nearly right, and then less so.
private struct Mangler {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "LINK", "get"]
    private static let paths = [
        "/apps", "/apps/", "/apps/app", "/apps/a", "/apps/run/app", "/apps/containers", "/v1/hosts", "/v1/hosts/local",
        "/v1/hosts/local/trust", "/v1/hosts/far", "/v1/hosts/far?force=true", "/v1/hosts/far/drain",
        "/v1/hosts/local/undrain", "/healthz", "/readyz", "/v1/version", "/apps/app?force=true", "/apps/a?force=false",
        "/v1/apps", "/v1/apps/app", "/v1/apps/a", "/v1/apps/app?force=true", "/v1/apps/app/releases",
        "/v1/apps/app/releases/1", "/v1/apps/app/rollback", "/v1/apps/app/runs", "/v1/apps?limit=1&cursor=a",
        "/v1/apps/app/releases?limit=2&cursor=3", "/v1/runs", "/v1/runs/app-aaaaaa", "/v1/runs/app-aaaaaa/stop",
        "/v1/runs/app-aaaaaa/stats?follow=true", "/v1/images?host=local&limit=1&cursor=1/a", "/v1/images/pull",
        "/v1/images/prune", "/v1/images/" + String(repeating: "0a", count: 32),
        "/v1/tokens?limit=1&cursor=1-aaaaaaaaaaaaaaaa", "/v1/tokens/aaaaaaaaaaaaaaaa", "/v1/session", "/v1/me",
        "/v1/runs/app-aaaaaa/restart", "/v1/runs/app-aaaaaa?force=true",
        "/v1/runs?app=app&host=local&state=running&status=R&limit=5&cursor=1-aaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]
    private static let bodies = [
        #"{"name":"app","image":"nginx","command":"sleep 1000","variables":[{"key1":"value1"},{"key2":"value2"}]}"#,
        #"{"name":"a","image":"nginx","command":["sh","-c","echo é"],"variables":{"A":"1","B":"\u0041"}}"#,
        #"{"image":"registry.example.org:5000/a/b:1.2"}"#, #"{"variables":{"key1":null}}"#, #"{"command":null}"#,
        #"{"name":"app","image":"nginx","entrypoint":"a","host":"local","ports":[80,"8080:80/udp",{"container":1}],"#
            + #""volumes":[{"name":"data","target":"/d"}],"memory_bytes":1e9,"cpus":0.5,"restart":"always","#
            + #""labels":{"a":"b"},"user":"0","working_dir":"/","stop_timeout":1,"max_runtime":60}"#,
        #"{"release":1}"#, #"{"count":3,"command":"x","variables":{"A":"1"},"host":"local","wait":"created"}"#,
        #"{"image":"nginx","host":"local"}"#, #"{"host":"local","keep_releases":5}"#, #"{"fingerprint":"SHA256:x"}"#,
        #"{"name":"far","endpoint":"unix:///nonexistent/far.sock"}"#, #"{"endpoint":"unix:///nonexistent/other.sock"}"#,
        #"{"name":"ci","role":"deployer","apps":["web-*"],"expires_in":60}"#, #"{"token":"berth_a"}"#,
        "{}", "[]", "null", "",
    ]
    private static let pieces = [
        "\"", "\\", "{", "}", "[", "]", ":", ",", "null", "true", "-1e999", "\\u0000", "\\ud800", "\u{0}", "\n", "é",
        "e\u{301}", "🚢", "%", "%00", "%2f", "..", "/", "?", "&", "=", "#", "+", ";", " ", "\u{FEFF}", "\u{202E}",
        "\"name\":\"x\",", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", String(repeating: "a", count: 3000),
    ]
    private static let values = [
        "application/json", "application/merge-patch+json", "text/plain", "", "0", "-1", "2097152",
        "99999999999999999999", "chunked", "http://localhost:8080", "null", "a", "a b", "🚢", "gzip", "100-continue",
        "\"1\"", "W/\"1\", \"2\"", "*", "\"",
        "Bearer berth_a", "Basic a", "berth_session=a; b",
    ]
    private static let names = [
        "Content-Type", "Content-Length", "Transfer-Encoding", "Origin", "X-Request-Id", "Expect", "Accept", "Cookie",
        "If-Match", "If-None-Match", "Idempotency-Key", "Content-Encoding", "Range", "Authorization", "Sec-Fetch-Site",
    ]

    mutating func request() -> (HTTPRequest.Method, String, HTTPFields, String?, String?) {
        let method = HTTPRequest.Method(pick(Self.methods)) ?? .get
        let path = mangled(pick(Self.paths), oneIn: 3)
        let body = chance(4) ? nil : mangled(pick(Self.bodies), oneIn: 2)
        let authority = chance(20) ? mangled("localhost:8080", oneIn: 1) : "localhost:8080"
        return (method, path, headers(), body, authority)
    }

    private mutating func headers() -> HTTPFields {
        var headers = HTTPFields()
        while chance(3) {
            if let name = HTTPField.Name(pick(Self.names)) {
                headers.append(HTTPField(name: name, value: pick(Self.values)))
            }
        }
        return headers
    }

    /// `text` unchanged, or with pieces inserted, parts removed or bytes changed.
    private mutating func mangled(_ text: String, oneIn odds: Int) -> String {
        var bytes = Array(text.utf8)
        guard chance(odds) else { return text }
        repeat {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes.insert(contentsOf: Array(pick(Self.pieces).utf8), at: place)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...8, using: &generator)))
            default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            }
        } while chance(2)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func chance(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &generator) == 0 }

    private mutating func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
}
