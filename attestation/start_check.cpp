#include "attestation/start_check.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "attestation/log_check.hpp"

namespace bulkhead::attestation {
namespace {

constexpr std::array image_facts = {"kernel", "initrd", "command_line", "image"};
constexpr std::array programs = {"qemu", "swtpm", "firmware"};
constexpr std::array live_facts = {"switch_policy", "places"};

Checked<> check_digest(const Reason& reason, const Record& start, const std::string& name,
                       const std::map<std::string, std::string>& signed_digests, const std::string& key) {
    const auto wanted = signed_digests.find(key);
    if (wanted == signed_digests.end())
        return std::unexpected(about_fact(reason::no_reference, start, name, {}));
    if (wanted->second == fact(start, name)) return {};
    return std::unexpected(about_fact(reason, start, name, wanted->second));
}

// A state's word on the partition that was started.
struct Word {
    const model::Partition& partition;
    const References& references;
    std::map<std::string, std::string> facts;
};

std::vector<Word> words_on(const model::PartitionName& name, std::span<const SignedState> states) {
    std::vector<Word> words;
    for (const auto& [spec, references] : states)
        if (const auto* partition = spec.find(name))
            words.push_back({*partition, references, spec_facts(spec, *partition)});
    return words;
}

bool is_live(const std::string& name) {
    return std::ranges::find(live_facts, name) != live_facts.end();
}

Checked<> check_image(const Record& start, const Word& word) {
    static const std::map<std::string, std::string> no_digests;
    const auto image = word.references.images.find(word.partition.image.str());
    const auto& signed_image = image == word.references.images.end() ? no_digests : image->second;
    for (const std::string name : image_facts) {
        // Not every image has each of them; one without a kernel has nothing that could be right.
        if (name != "kernel" && fact(start, name).empty() && !signed_image.contains(name)) continue;
        BULKHEAD_TRY(check_digest(reason::image_differs, start, name, signed_image, name));
    }
    return {};
}

Checked<> check_fixed(const Record& start, const Word& word) {
    for (const auto& [name, digest] : word.facts)
        if (!is_live(name))
            BULKHEAD_TRY(check_digest(reason::configuration_differs, start, name, word.facts, name));
    BULKHEAD_TRY(check_image(start, word));
    for (const char* name : programs)
        BULKHEAD_TRY(check_allowed(reason::program_differs, start, name, word.references.platform));
    return check_digest(reason::argv_differs, start, "argv", word.references.argv, word.partition.name.str());
}

// One that a state does not speak of is right by it.
Checked<> check_live(const Record& start, const Word& word, const std::string& name) {
    if (!word.facts.contains(name)) return {};
    return check_digest(reason::configuration_differs, start, name, word.facts, name);
}

}  // namespace

Checked<> check_start(const Record& start, std::span<const SignedState> states) {
    const auto words = words_on(model::PartitionName(fact(start, "partition")), states);
    if (words.empty()) return std::unexpected(finding_of(reason::guest_not_signed));
    BULKHEAD_TRY(by_any(words, [&](const Word& word) { return check_fixed(start, word); }));
    for (const std::string name : live_facts)
        BULKHEAD_TRY(by_any(words, [&](const Word& word) { return check_live(start, word, name); }));
    return {};
}

}  // namespace bulkhead::attestation
