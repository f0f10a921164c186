import BerthAPI
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Synchronization

/// Routes that describe the API: as an OpenAPI document, and as a page for people.
final class DocumentRoutes: Sendable {
    private let described: [Route]
    private let documents = Mutex<Documents?>(nil)

    private struct Documents {
        let openAPI: ByteBuffer
        let page: ByteBuffer
    }

    init(describing routes: [Route]) { described = routes }

    var routes: [Route] {
        [
            Route(.openAPI) { _, _ in Response(.ok, body: self.made.openAPI) },
            Route(.documentation) { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/html; charset=utf-8",
                        .contentSecurityPolicy: ReferencePage.contentSecurityPolicy,
                    ],
                    body: ResponseBody(byteBuffer: self.made.page)
                )
            },
        ]
    }

    /// Made at the first request.
    private var made: Documents {
        documents.withLock { documents in
            if let documents { return documents }
            let json = OpenAPIDocument(described + routes).json
            let made = Documents(
                openAPI: ByteBuffer(bytes: json.encoded() + [UInt8(ascii: "\n")]),
                page: ByteBuffer(string: ReferencePage(json).html)
            )
            documents = made
            return made
        }
    }
}
