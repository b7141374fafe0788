using System.Buffers;
using System.Text;
using ScaleKit.Caching;
using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>Records of the log, spoilt ones too.</summary>
public sealed class InvalidationCodecTests
{
    private static readonly byte[][] Whole =
    [
        RecordOf("1 2 3 4", new Invalidation("c", ["user:1"])),
        RecordOf("1 9223372036854775807 0 4", new Invalidation("c", ["a", "ä😀", ""], ["*", "rooms"])),
        RecordOf("7 1 0 9", new Invalidation("c", [.. Enumerable.Range(0, 256).Select(i => $"key {i}")])),
        "5 0 0 3\n"u8.ToArray(),
    ];

    [Fact]
    public void TryDecode_WhatWasEncoded_ComesBack()
    {
        Assert.True(InvalidationCodec.TryDecode("c", Whole[1], out var record));

        Assert.Equal((new InvalidationPosition(1, long.MaxValue, 4), 0L), (record.Position, record.PreviousLink));
        Assert.Equal(["a", "ä😀", ""], record.Invalidation.Keys);
        Assert.Equal(["*", "rooms"], record.Invalidation.Tags);
    }

    [Fact]
    public void TryDecode_AnyEndCutOffOrBytesAfterIt_IsRefused()
    {
        foreach (var whole in Whole)
        {
            // The head alone is the record of a new epoch.
            var head = whole.AsSpan().IndexOf((byte)'\n') + 1;
            for (var length = 0; length < whole.Length; length++)
                Assert.Equal(length == head, InvalidationCodec.TryDecode("c", whole.AsSpan(0, length), out _));
            Assert.False(InvalidationCodec.TryDecode("c", [.. whole, 0], out _));
        }
    }

    [Fact]
    public void TryDecode_SpoiltOrRandomBytes_ThrowNothingAndCostLittle()
    {
        var counts = new Fuzzer(Whole).Run(static bytes =>
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

    private static byte[] RecordOf(string head, Invalidation invalidation) => [.. Encoding.UTF8.GetBytes(head + "\n"), .. InvalidationCodec.Encode(invalidation)];
}
