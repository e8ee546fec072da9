# Writes a data set again, through the Ruby client's own dictionary: FROM TO. FROM is one that prometheus_client wrote.

require 'json'
require 'fileutils'
require 'prometheus/client'
require 'prometheus/client/mmaped_dict'
require 'prometheus/client/helper/mmaped_file'

HEADER = 8

# Yields each entry's key, taken apart, and its value.
def entries(path)
  bytes = File.binread(path)
  used = bytes.unpack1('l')
  at = HEADER
  while at < used
    length = bytes.unpack1('l', offset: at)
    key = JSON.parse(bytes.byteslice(at + 4, length))
    at += 4 + length
    at += 8 - at % 8
    yield key, bytes.unpack1('d', offset: at)
    at += 16
  end
end

from, to = ARGV
FileUtils.mkdir_p(to)
Dir.glob(File.join(from, '*.db')).sort.each do |path|
  target = File.join(to, File.basename(path, '.db') + '-0.db')
  dict = Prometheus::Client::MmapedDict.new(Prometheus::Client::Helper::MmapedFile.open(target))
  entries(path) do |(family, sample, labels, _help), value|
    dict.write_value([family, sample, labels.keys, labels.values].to_json, value)
  end
end
