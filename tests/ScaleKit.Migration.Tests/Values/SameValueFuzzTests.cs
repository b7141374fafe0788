using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Migration.Tests;

public sealed class SameValueFuzzTests
{
    [Fact]
    public void Json_SpoiltRows_AreTheSameOrNotAndThrowNothing()
    {
        const string row = """{"name":"ä😀","n":[1,2.50,-3e9,null,true],"nested":{"a":{"b":"\u00e4\n"}},"when":"2030-01-01T00:00:00Z"}""";

        var counts = new Fuzzer(Encoding.UTF8.GetBytes(row)) { BytesPerByte = 64 }.RunText(text => SameValue.Json(text, row + " ") | SameValue.Json(row + " ", text));

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }
}
