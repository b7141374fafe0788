using System.Text;
using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class ResumeTokensFuzzTests
{
    [Fact]
    public void TryRead_SpoiltTokens_AreRefusedUnlessTheyAreTheWholeOne()
    {
        var tokens = new ResumeTokens();
        var whole = tokens.Write(42, TimeSpan.FromSeconds(60), "room", "client");
        var ofAnother = new ResumeTokens().Write(42, TimeSpan.FromSeconds(60), "room", "client");
        var forged = "";

        var counts = new Fuzzer(Encoding.UTF8.GetBytes(whole)) { Allowance = 1024, BytesPerByte = 0 }.RunText(text =>
        {
            var isRead = tokens.TryRead(text, "room", "client", TimeSpan.Zero, out _, out _);
            forged = isRead && !string.Equals(text, whole, StringComparison.Ordinal) ? text : forged;
            return isRead;
        });

        Assert.Equal("", forged);
        Assert.False(tokens.TryRead(ofAnother, "room", "client", TimeSpan.Zero, out _, out _));
        Assert.True(counts.Refused > 0, counts.ToString());
    }
}
