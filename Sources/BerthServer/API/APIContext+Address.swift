import NIOCore

extension APIContext {
    /// The client's IP address, `unix` for a Unix socket, or `unknown`.
    var address: String {
        if let address = channel.remoteAddress?.ipAddress { return address }
        return channel.localAddress?.pathname != nil ? "unix" : "unknown"
    }
}
