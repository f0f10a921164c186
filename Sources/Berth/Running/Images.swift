package import DockerEngine

/// The images of hosts.
package struct Images: Sendable {
    let hosts: Hosts
    let runs: RunCache
    let store: Store
    let policies: Policies

    /// The images of a host, and what uses them.
    ///
    /// - Parameter scope: the apps that count; unless these are all, only images that they use are returned.
    /// - Throws: `BerthError` `hostNotFound`, `hostNotConnected`, or the engine's error.
    package func list(
        on host: HostName,
        in scope: AppScope
    ) async throws -> (images: [ImageSummary], uses: ImageUses) {
        let images = try await calling(host, .listImages) { try await $0.images() }
        let uses = ImageUses(
            runs: runs(on: host).filter { scope.contains($0.app) },
            releases: try await store.releasedImages().filter { scope.contains($0.app) }
        )
        guard !scope.isEverything else { return (images, uses) }
        return (images.filter { uses.runs(of: $0) > 0 || uses.releases(of: $0) > 0 }, uses)
    }

    /// Begins to pull an image, or joins the pull of it that is in progress.
    ///
    /// - Throws: `BerthError` `policyDenied`, `hostNotFound`, `hostNotConnected`; later errors are those of the pull.
    package func pull(_ image: ImageReference, on name: HostName) async throws -> FollowedPull {
        if let denial = policies.current.denial(of: image) { throw BerthError.policyDenied(denial) }
        let host = try hosts.host(name)
        let engine = try await host.connectedEngine()
        return FollowedPull { report in
            do {
                try await host.pulls.pull(image, report: report)
                guard let id = ImageID(try await engine.image(image).id) else {
                    throw EngineError.undecodable("the image has no id")
                }
                return id
            } catch let error as EngineError {
                throw BerthError.engine(error, of: name, .pull(image))
            }
        }
    }

    /// Removes an image that nothing uses.
    ///
    /// - Throws: `BerthError` `imageNotFound`, `imageIsUsed`, and what ``list(on:in:)`` throws.
    package func remove(_ id: ImageID, on host: HostName) async throws {
        let images = try await calling(host, .listImages) { try await $0.images() }
        guard let image = images.first(where: { $0.id == id }) else { throw BerthError.imageNotFound(id) }
        let live = ImageUses(runs: runs(on: host), releases: []).runs(of: image)
        guard live == 0 else {
            throw BerthError.imageIsUsed(id, reason: live == 1 ? "1 run uses it." : "\(live) runs use it.")
        }
        do {
            try await calling(host, .removeImage(id)) { try await $0.removeImage(id) }
        } catch BerthError.engine(.status(404, _), _, _) {
            throw BerthError.imageNotFound(id)
        } catch BerthError.engine(.status(409, let message), _, _) {
            throw BerthError.imageIsUsed(id, reason: message)
        }
    }

    /// Removes the images of earlier releases that nothing uses any more.
    ///
    /// Images that no release has named stay, and so do those that the engine does not remove without force.
    ///
    /// - Parameter kept: how many of the newest releases of each app keep their images.
    /// - Returns: the removed images.
    /// - Throws: what ``list(on:in:)`` throws; images may have been removed before.
    package func prune(on host: HostName, keepReleases kept: Int) async throws -> [ImageSummary] {
        let images = try await calling(host, .listImages) { try await $0.images() }
        let containers = try await calling(host, .listImages) { try await $0.containers() }
        let releases = try await store.releasedImages()
        // Last, so that they include each run that was recorded meanwhile.
        let uses = ImageUses(containers: containers, runs: runs(on: host), releases: releases, keepReleases: kept)
        var removed: [ImageSummary] = []
        for image in uses.removable(of: images) {
            do {
                try await calling(host, .removeImage(image.id)) { try await $0.remove(image) }
                removed.append(image)
            } catch BerthError.engine(.status(404, _), _, _) {
                // Another client has removed it.
            } catch BerthError.engine(.status(409, _), _, _) {
                // A container uses it now, or another image is built on it.
            }
        }
        return removed
    }

    private func runs(on host: HostName) -> [Run] { runs.entries(on: host).map(\.run) }

    private func calling<Result>(
        _ name: HostName,
        _ task: BerthError.EngineTask,
        _ call: (Engine) async throws -> Result
    ) async throws -> Result {
        let engine = try await hosts.host(name).connectedEngine()
        do {
            return try await call(engine)
        } catch let error as EngineError {
            throw BerthError.engine(error, of: name, task)
        }
    }
}

extension Engine {
    /// Removes all names of an image, and so the image: an engine removes it by its id only while it has one name.
    fileprivate func remove(_ image: ImageSummary) async throws {
        for tag in image.tags.dropLast() { try await removeImageName(tag) }
        try await removeImage(image.id)
    }
}
