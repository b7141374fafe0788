using System.Buffers;
using FsCheck;
using FsCheck.Fluent;

namespace ScaleKit.Caching.Tests;

public sealed class EnvelopeTests
{
    private static readonly EnvelopeHeader Header =
        new(new InvalidationPosition(0x0102030405060708, 42), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5), 99, false);

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

    [Theory]
    [InlineData(3, false)]
    [InlineData(300, true)]
    public void TryRead_AnyOneBitFlippedOrAnyEndCutOff_IsRefused(int length, bool isCompressed)
    {
        var whole = Envelopes.Of(new byte[length], ["t"], isCompressed);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var spoilt = whole.ToArray();
            spoilt[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Envelope.TryRead(spoilt, Envelopes.Key, out _, out _, out _), $"bit {bit}");
        }

        for (var end = 0; end < whole.Length; end++)
            Assert.False(Envelope.TryRead(whole.AsSpan(0, end), Envelopes.Key, out _, out _, out _), $"length {end}");
    }

    [Fact]
    public void TryRead_AnyBytes_NeverThrows() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(),
            bytes => !Envelope.TryRead([(byte)'S', (byte)'K', 1, 0, .. bytes], "k", out _, out _, out _)));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(100, true)]
    [InlineData(1_000_000, true)]
    public void Compress_AnyLength_KeepsTheShorterForm(int length, bool isCompressed)
    {
        using var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header, ["t"]);
        var plain = buffer.Written + length;
        buffer.Write(new byte[length]);

        Envelope.Compress(buffer, plain - length);
        Envelope.Seal(buffer, "k");

        Assert.True(Envelope.TryRead(buffer.Span, "k", out var header, out var tags, out var payloadAt));
        Assert.Equal(["t"], tags);
        Assert.Equal((isCompressed ? length : 0, isCompressed ? 2 : 1), (header.UncompressedLength, buffer.Span[2]));
        Assert.Equal(isCompressed, buffer.Written < plain);
        var back = new byte[length];
        Assert.Equal(isCompressed, Envelope.TryExpand(buffer.Span[payloadAt..], back) && length > 0);
    }

    [Fact]
    public void Compress_BytesWithoutOrder_StayAsTheyAreInFormat1()
    {
        var noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        using var buffer = new PooledBuffer();
        Envelope.Begin(buffer, Header, []);
        buffer.Write(noise);

        Envelope.Compress(buffer, Envelope.FixedLength);

        Assert.Equal(1, buffer.Span[2]);
        Assert.Equal(noise, buffer.Span[Envelope.FixedLength..].ToArray());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(2, 4)]
    public void TryRead_FlagThatTheFormatDoesNotHave_IsRefused(byte format, byte flags)
    {
        var envelope = Write("user:1", [], new byte[100]);
        (envelope[2], envelope[12]) = (format, flags);

        Assert.False(Envelope.TryRead(Envelopes.Resealed(envelope), "user:1", out _, out _, out _));
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
