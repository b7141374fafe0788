using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Caching.Tests;

public sealed class EnvelopeTests
{
    private static readonly EnvelopeHeader Header =
        new(new InvalidationPosition(0x0102030405060708, 42), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5), 99, false);

    // Bytes as they lie in people's stores: this text never changes.
    private const string Format1 =
        "534B0100D16E023E5FE85C610000020008070605040302012A0000000000000000C07CC2D7C4E208005ED0B2000000006300000000000000010061010062010203";

    [Fact]
    public void TryRead_WhatWasWritten_ComesBack()
    {
        var sealedBytes = Write("user:1", ["a", "ä😀"], [1, 2, 3]);

        Assert.True(Envelope.TryRead(sealedBytes, "user:1", out var header, out var tags, out var payloadAt));
        Assert.Equal(Header, header);
        Assert.Equal(["a", "ä😀"], tags);
        Assert.Equal([1, 2, 3], sealedBytes[payloadAt..]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.01, 0.1, 0.1)]
    [InlineData(3, 2.85, 3.15)]
    [InlineData(50, 47.5, 52.5)]
    [InlineData(86_400_000, 82_080_000, 90_720_000)]
    public void TryRead_FactoryTime_ComesBackToWithinFivePercent(double milliseconds, double least, double most)
    {
        var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header with { FactoryTime = TimeSpan.FromMilliseconds(milliseconds) }, []);
        Envelope.Seal(buffer, "k");

        Assert.True(Envelope.TryRead(buffer.Span, "k", out var header, out _, out _));
        Assert.InRange(header.FactoryTime.TotalMilliseconds, least, most);
        buffer.Dispose();
    }

    [Fact]
    public void TryRead_OtherKey_IsRefused() =>
        Assert.False(Envelope.TryRead(Write("user:1", [], [1]), "user:2", out _, out _, out _));

    [Fact]
    public void TryRead_AnyOneBitFlippedOrAnyEndCutOff_IsRefused()
    {
        var whole = Write("k", ["t"], [1, 2, 3]);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var spoilt = whole.ToArray();
            spoilt[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Envelope.TryRead(spoilt, "k", out _, out _, out _), $"bit {bit}");
        }

        for (var length = 0; length < whole.Length; length++)
            Assert.False(Envelope.TryRead(whole.AsSpan(0, length), "k", out _, out _, out _), $"length {length}");
    }

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(),
            bytes => !Envelope.TryRead([(byte)'S', (byte)'K', 1, 0, .. bytes], "k", out _, out _, out _)));

    [Fact]
    public void TryRead_EnvelopeOfFormat1_IsReadForEver()
    {
        var old = Convert.FromHexString(Format1);

        Assert.True(Envelope.TryRead(old, "user:1", out var header, out var tags, out var payloadAt));
        Assert.Equal((Header, "a,b", 3), (header, string.Join(',', tags), old.Length - payloadAt));
    }

    private static byte[] Write(string key, string[] tags, byte[] payload)
    {
        using var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header, tags);
        buffer.Write(payload);
        Envelope.Seal(buffer, key);
        return buffer.Span.ToArray();
    }
}
