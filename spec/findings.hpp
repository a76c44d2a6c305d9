// What is wrong with one document, and where. All of it is told at once, so finding goes on after an error;
// what would only follow from an earlier error is kept quiet.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "yaml/document.hpp"

namespace bulkhead::spec {

// Fields are named by their paths from the root: partitions[0].memory.
class Findings {
  public:
    explicit Findings(std::string file_name) : file_name_(std::move(file_name)) {}

    void set_place(std::string path, yaml::Mark at) { places_.insert_or_assign(std::move(path), at); }
    // Whether the document has a value there.
    bool has(std::string_view path) const { return places_.contains(path); }
    // "factory.yaml:14:9" of the field, or of the nearest one around it that the document has.
    std::string place(std::string_view path) const;

    // An error at a field; kept quiet if the field, or one around it, is broken already.
    void add(std::string_view path, std::string what, std::string wanted = {}, std::string mend = {});
    // The same from a parser of base/ or model/, which knows no places.
    void add(std::string_view path, const Error& error) { add(path, error.what, error.wanted, error.mend); }
    // An error at a mark, which leaves no field broken.
    void add_at(yaml::Mark at, std::string what, std::string wanted = {}, std::string mend = {});
    // Something was told of this field that makes all further errors of it, and of what is in it, mere
    // echoes.
    void set_broken(std::string_view path) { broken_.emplace(path); }
    bool is_broken(std::string_view path) const;

    bool empty() const { return found_.empty(); }
    // No further error will be told, only counted: no need to think about suggestions.
    bool full() const { return found_.size() >= yaml::most_errors; }
    // In the order of the document, at most yaml::most_errors and a last line that counts the rest.
    Errors take() &&;

  private:
    struct Found {
        yaml::Mark at;
        Error error;
    };
    yaml::Mark mark(std::string_view path) const;

    std::string file_name_;
    std::map<std::string, yaml::Mark, std::less<>> places_;
    std::set<std::string, std::less<>> broken_;
    std::vector<Found> found_;
    std::size_t more_ = 0;
};

}  // namespace bulkhead::spec
