# Read TAP with the parser that prove uses; print the YAML block of each test as a line of JSON.
# Ends with 1 when the parser finds anything wrong with the TAP itself, 2 when a test failed.
use strict;
use warnings;
use JSON::PP;
use TAP::Parser;

open my $file, '<:encoding(UTF-8)', $ARGV[0] or die;
my $tap = do { local $/; <$file> };
my $parser = TAP::Parser->new({tap => $tap});
my $json = JSON::PP->new->canonical->utf8;
while (my $result = $parser->next) {
	die 'not understood: ' . $result->as_string if $result->is_unknown;
	die 'bailed out' if $result->is_bailout;
	print $json->encode($result->data), "\n" if $result->is_yaml;
}
die join "\n", $parser->parse_errors if $parser->parse_errors;
exit($parser->failed ? 2 : 0);
