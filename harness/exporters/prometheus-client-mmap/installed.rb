# What the adapter needs of Ruby's packages, a line each as NAME==VERSION; where one is missing, RubyGems says which.
#
#     installed.rb VERSION

client, *others = packages = %w[prometheus-client-mmap rack redis webrick]
begin
  gem client, ARGV.fetch(0)
  others.each { |package| gem package }
rescue Gem::LoadError => e
  abort e.message
end
puts "ruby==#{RUBY_VERSION}"
packages.each { |package| puts "#{package}==#{Gem.loaded_specs.fetch(package).version}" }
