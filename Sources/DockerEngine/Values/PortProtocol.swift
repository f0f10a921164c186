/// The protocol of a port: the second half of Docker's `80/tcp`.
package enum PortProtocol: String, Sendable, CaseIterable {
    case tcp
    case udp
    case sctp
}
