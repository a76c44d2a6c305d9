#include "benchmarks/passthrough/measures.hpp"

namespace bulkhead::benchmarks {

std::string json(const Figures& figures) {
    std::string text;
    for (const auto& [name, values] : figures) {
        text += (text.empty() ? "{\"" : ", \"") + name + "\": [";
        for (std::size_t i = 0; i < values.size(); ++i)
            text += (i == 0 ? "" : ",") + std::to_string(values[i]);
        text += "]";
    }
    return text + "}";
}

}  // namespace bulkhead::benchmarks
