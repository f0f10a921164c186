extension Endpoint<AuditBody> {
    package static let audit = Endpoint(
        "readAuditLog",
        .get,
        "/v1/audit",
        "Returns who has changed what, and who was refused: a page, the newest first, or all as NDJSON.",
        needs: .administer,
        parameters: [.actor, .action, .target, .auditSince, .auditUntil, .limit, .cursor]
    )
}
