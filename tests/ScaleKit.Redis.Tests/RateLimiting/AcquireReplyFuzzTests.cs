using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.RateLimiting;

public sealed class AcquireReplyFuzzTests
{
    [Fact]
    public void Read_SpoiltReplies_AreRefusedAsDocumentedAndCostNothingElse()
    {
        // One key and two runs.
        var whole = Enumerable.Range(1, 36).Select(static i => (byte)i).ToArray();
        var fuzzer = new Fuzzer(whole, [.. whole.Reverse()]) { Refusal = typeof(InvalidDataException), BytesPerByte = 0, Allowance = 2 * 1024 };

        var counts = fuzzer.Run(static bytes =>
        {
            var reply = new AcquireReply(bytes);
            var (used, resetAfter, bucket) = reply.Key();
            var (first, second) = (reply.Run(), reply.Run());
            return used >= 0 && bucket >= 0 && resetAfter >= TimeSpan.Zero && first is { Served: >= 0, RetryAfter.Ticks: >= 0 } && second.Served >= 0
                ? true
                : throw new InvalidOperationException("a negative number");
        });

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }
}
