#include "spec/declared.hpp"

#include <algorithm>

#include "base/name.hpp"

namespace bulkhead::spec {

void Declared::declare(Findings& findings, const std::string& path, const std::string& name,
                       std::size_t longest) {
    check_label(findings, path, name, longest);
    // A wrong name is a name still: what refers to it is not wrong too.
    names_.push_back(name);
    if (name.empty()) return;
    if (const std::string* first = unique_.put(name, path))
        findings.add(path, noun_ + " " + in_quotes(name) + " is there twice", {},
                     "rename it here or at " + findings.place(*first));
}

std::size_t Declared::refer(Findings& findings, const std::string& path, const std::string& name) const {
    const auto found = std::ranges::find(names_, name);
    if (!name.empty() && found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
    const std::string meant = findings.full() ? "" : nearest(name, names_);
    if (name.empty())
        missing(findings, path, one_of(names_));
    else
        findings.add(path, "there is no " + noun_ + " " + in_quotes(name), one_of(names_),
                     meant.empty() ? "" : "write " + meant);
    findings.set_broken(path);
    return npos;
}

}  // namespace bulkhead::spec
