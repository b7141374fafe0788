using System.Text;
using ScaleKit.Caching;

namespace ScaleKit.Redis.Tests.Caching;

/// <summary>Records of the log, whole and cut off.</summary>
public sealed class InvalidationCodecTests
{
    internal static readonly byte[][] Whole =
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

    private static byte[] RecordOf(string head, Invalidation invalidation) => [.. Encoding.UTF8.GetBytes(head + "\n"), .. InvalidationCodec.Encode(invalidation)];
}
