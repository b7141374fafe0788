using System.Buffers;
using System.Text;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>What a stranger may have written into the log, its tags and the shared level.</summary>
public sealed class InvalidationCodecFuzzTests
{
    [Fact]
    public void TryDecode_SpoiltOrRandomBytes_ThrowNothingAndCostLittle()
    {
        var counts = new Fuzzer(InvalidationCodecTests.Whole).Run(static bytes =>
        {
            var isRead = InvalidationCodec.TryDecode("c", bytes, out var record);
            var isTag = InvalidationCodec.TryDecodeTag(bytes, out var tag);
            return (!isTag || tag!.Length <= bytes.Length) && (!isRead || IsSane(record, bytes)) ? isRead : throw new InvalidOperationException("longer than its bytes, or a negative number");
        });

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    [Fact]
    public void SharedValue_SpoiltOrRandomBytes_AreHandedOverWithoutTheirHeadOrWhole()
    {
        var target = new ArrayBufferWriter<byte>(1024 * 1024);

        var counts = new Fuzzer([1, .. new byte[SharedValue.HeadLength], 7], [1, .. Enumerable.Range(0, 200).Select(static i => (byte)i)]).Run(bytes =>
        {
            target.ResetWrittenCount();
            _ = SharedValue.Take(bytes, target);
            return SharedValue.IsOurs(bytes) && target.WrittenCount == bytes.Length - SharedValue.HeadLength;
        });

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    private static bool IsSane(in InvalidationRecord record, byte[] bytes)
    {
        var length = 0;
        foreach (var text in record.Invalidation.Keys)
            length += 4 + Encoding.UTF8.GetByteCount(text);
        foreach (var text in record.Invalidation.Tags)
            length += 4 + Encoding.UTF8.GetByteCount(text);
        return record.Position is { Epoch: >= 0, Sequence: >= 0, Link: >= 0 } && record.PreviousLink >= 0 && length <= bytes.Length;
    }
}
