package import DockerEngine

/// What uses the images of one host.
///
/// A pure value without side effects.
package struct ImageUses: Sendable {
    private var liveIDs: [String: Int] = [:]
    private var liveNames: [String: Int] = [:]
    private var releasedNames: [String: Int] = [:]
    private var keptNames: Set<String> = []
    private var containerIDs: Set<String> = []
    private var containerNames: Set<String> = []

    /// - Parameters:
    ///   - containers: all containers of the host, running or not.
    ///   - runs: the runs on the host; those that have finished do not count.
    ///   - releases: the releases of all apps; those of each app in order, the newest first.
    ///   - kept: how many of the newest releases of each app keep their images.
    init(containers: [ContainerSummary] = [], runs: [Run], releases: [ReleasedImage], keepReleases kept: Int = 0) {
        for container in containers {
            if let id = container.imageID { containerIDs.insert(id) }
            if let name = try? ImageReference(container.image) { containerNames.insert(name.canonical) }
        }
        for run in runs where run.state.status == .running {
            // A run that is being started has no image yet, only its name.
            if let id = run.imageID {
                liveIDs[id, default: 0] += 1
            } else if let name = try? ImageReference(run.image) {
                liveNames[name.canonical, default: 0] += 1
            }
        }
        var counts: [AppName: Int] = [:]
        for release in releases {
            releasedNames[release.image.canonical, default: 0] += 1
            counts[release.app, default: 0] += 1
            if counts[release.app, default: 0] <= kept { keptNames.insert(release.image.canonical) }
        }
    }

    /// The number of live runs whose container uses the image, or will.
    package func runs(of image: ImageSummary) -> Int {
        liveIDs[image.id.description, default: 0]
            + image.canonicalNames.reduce(0) { $0 + liveNames[$1, default: 0] }
    }

    /// The number of releases that name the image.
    package func releases(of image: ImageSummary) -> Int {
        image.canonicalNames.reduce(0) { $0 + releasedNames[$1, default: 0] }
    }

    /// The images that may go: a release has named them, and neither a container, nor a live run, nor a release that is
    /// kept uses them.
    package func removable(of images: [ImageSummary]) -> [ImageSummary] {
        images.filter { image in
            let names = image.canonicalNames
            return releases(of: image) > 0 && runs(of: image) == 0 && names.isDisjoint(with: keptNames)
                && !containerIDs.contains(image.id.description) && names.isDisjoint(with: containerNames)
        }
    }
}

/// An image that a release names.
package struct ReleasedImage: Sendable, Equatable {
    let app: AppName
    let image: ImageReference
}

extension ImageSummary {
    fileprivate var canonicalNames: Set<String> { Set(names.map(\.canonical)) }
}
