using System.IO.Hashing;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ScaleKit.TestKit;

namespace ScaleKit.Sharding.Tests;

public sealed class KeyHashTests
{
    [Fact]
    public void Of_AnyString_EqualsHashOfItsUtf8Bytes()
    {
        // FsCheck's strings hold lone surrogates and control characters too; repeating them passes every buffer bound.
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<string>().Filter(s => s is not null),
            Gen.Choose(1, 300).ToArbitrary(),
            (text, times) =>
            {
                var key = string.Concat(Enumerable.Repeat(text, times));
                return KeyHash.Of(key) == XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key));
            });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), property);
    }

    /// <summary>Short ASCII keys are hashed without a buffer; one other character anywhere sends the key the general way.</summary>
    [Fact]
    public void Of_EveryShortLengthAndEveryPlaceOfANonAsciiCharacter_EqualsHashOfItsUtf8Bytes()
    {
        for (var length = 0; length <= 140; length++)
        {
            var key = new char[length];
            for (var i = 0; i < length; i++)
            {
                key[i] = (char)((i * 37 % 127) + 1);
            }

            AssertHash(key);
            for (var i = 0; i < length; i++)
            {
                var ascii = key[i];
                foreach (var other in "\0\u007F\u0080\u00FF\u0100\u0436\ud83d\uFFFF")
                {
                    key[i] = other;
                    AssertHash(key);
                }

                key[i] = ascii;
            }
        }

        static void AssertHash(char[] key) => Assert.Equal(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)), KeyHash.Of(key.AsSpan()));
    }

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(100_000)]
    public void Of_PairOfSurrogatesAcrossAnyBufferEnd_IsNotCut(int length)
    {
        for (var shift = 0; shift < 4; shift++)
        {
            var key = new string('x', shift) + string.Concat(Enumerable.Repeat("😀", length / 2)) + "\ud83d";

            Assert.Equal(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)), KeyHash.Of(key));
        }
    }

    [Fact]
    public void Of_Null_Throws() => Assert.Throws<ArgumentNullException>(() => KeyHash.Of(null!));

    [Fact]
    public void Of_SameNumberInEveryIntegerType_IsOneKey()
    {
        Assert.Equal(KeyHash.Of(5L), KeyHash.Of(5));
        Assert.Equal(KeyHash.Of(5L), KeyHash.Of(5UL));
        Assert.Equal(KeyHash.Of(-5L), KeyHash.Of(-5));
        Assert.NotEqual(KeyHash.Of(5L), KeyHash.Of("5"));
    }

    [Fact]
    public void Of_Long_EqualsHashOfHandWrittenLittleEndianBytes() =>
        Assert.Equal(XxHash3.HashToUInt64([8, 7, 6, 5, 4, 3, 2, 1]), KeyHash.Of(0x0102030405060708L));

    [Fact]
    public void Of_Guid_EqualsHashOfHandWrittenBytesInPrintedOrder()
    {
        byte[] printed = [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF];

        Assert.Equal(XxHash3.HashToUInt64(printed), KeyHash.Of(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")));
    }

    [Fact]
    public void Combine_PartsThatRunTogether_Differ() => Assert.NotEqual(
        KeyHash.Combine(KeyHash.Of("ab"), KeyHash.Of("c")),
        KeyHash.Combine(KeyHash.Of("a"), KeyHash.Of("bc")));

    [Fact]
    public void Combine_NoPartsOrTooMany_Throws()
    {
        Assert.Throws<ArgumentException>(() => KeyHash.Combine());
        Assert.Throws<ArgumentException>(() => KeyHash.Combine(new ulong[33]));
    }

    [Fact]
    public void Of_EveryKind_AllocatesNothing()
    {
        var longKey = new string('ж', 5_000);
        var utf8 = Encoding.UTF8.GetBytes(longKey);

        Assert.Equal(0, Allocated.By(() => KeyHash.Of("user:42")));
        Assert.Equal(0, Allocated.By(() => KeyHash.Of(longKey)));
        Assert.Equal(0, Allocated.By(() => KeyHash.OfUtf8(utf8)));
        Assert.Equal(0, Allocated.By(() => KeyHash.Of(42L)));
        Assert.Equal(0, Allocated.By(() => KeyHash.Of(Guid.Empty)));
        Assert.Equal(0, Allocated.By(() => KeyHash.Combine(KeyHash.Of("a"), KeyHash.Of(1))));
    }
}
