// Readings kept on a volume: lines appended to one file, which starts anew when it is full. The one before is
// kept beside it, so that two files is all the room it ever takes.
#pragma once

#include <cstddef>
#include <string>

namespace modbus_collector {

class CsvFile {
  public:
    // `path` may be in a folder that is not there or can't be written; then nothing is kept.
    explicit CsvFile(std::string path, std::size_t limit = 1 << 20);
    ~CsvFile();
    CsvFile(const CsvFile&) = delete;
    CsvFile& operator=(const CsvFile&) = delete;

    void append(const std::string& line);

  private:
    void open();

    std::string path_;
    std::size_t limit_;
    std::size_t size_ = 0;
    int fd_ = -1;
};

}  // namespace modbus_collector
