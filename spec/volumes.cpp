#include <algorithm>
#include <array>

#include "spec/declared.hpp"
#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

constexpr Bytes least_volume = 8_MiB;
constexpr auto wanted_mount = "an absolute path at or below /data, /var or /srv";

bool is_at_or_below(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

void check_mount(Validation& run, const std::string& path, const std::string& mount,
                 const std::vector<model::Volume>& earlier, const std::string& list) {
    static constexpr std::array<std::string_view, 3> folders{"/data", "/var", "/srv"};
    if (!check_absolute_path(run.findings, path, mount, wanted_mount)) return;
    if (std::ranges::none_of(folders, [&](auto folder) { return is_at_or_below(mount, folder); }))
        return run.findings.add(path, "a volume can't be mounted at " + in_quotes(mount), wanted_mount);
    // They are mounted in this order: a later one would cover an earlier one at or below it.
    for (std::size_t i = 0; i < earlier.size(); ++i)
        if (is_at_or_below(earlier[i].mount, mount))
            return run.findings.add(
                path,
                in_quotes(mount) + " would cover volume " + in_quotes(earlier[i].name.str()) + " at " +
                    in_quotes(earlier[i].mount),
                "a mount of its own", "change it here or at " + run.findings.place(item(list, i) + ".mount"));
}

}  // namespace

void validate_volumes(Validation& run, std::size_t partition) {
    const auto& in = run.in.partitions(static_cast<int>(partition));
    auto& out = run.out.partitions[partition].volumes;
    const std::string list = item("partitions", partition) + ".volumes";
    const auto count = check_count(run.findings, list, in.volumes_size(), most::volumes);
    Declared names("volume");
    for (std::size_t i = 0; i < count; ++i) {
        const auto& volume = in.volumes(static_cast<int>(i));
        const std::string path = item(list, i);
        names.declare(run.findings, path + ".name", volume.name(), 16);
        const auto size = check_size(run.findings, path + ".size", volume.size(), least_volume);
        check_mount(run, path + ".mount", volume.mount(), out, list);
        out.push_back({model::VolumeName(volume.name()), size.value_or(Bytes{}), volume.mount()});
    }
}

}  // namespace bulkhead::spec
