using System.Buffers;
using System.Runtime.InteropServices;

namespace ScaleKit.Caching.Tests;

public sealed class PooledBufferTests
{
    [Fact]
    public void Write_ManyPieces_KeepsThemInOrder()
    {
        using var buffer = new PooledBuffer();
        var expected = new List<byte>();
        for (var size = 1; size < 2000; size += 37)
        {
            var piece = Enumerable.Range(0, size).Select(i => (byte)(i + size)).ToArray();
            expected.AddRange(piece);
            buffer.Write(piece);
        }

        Assert.Equal(expected, buffer.Span.ToArray());
        Assert.True(buffer.GetMemory(5000).Length >= 5000);
    }

    [Fact]
    public void Rewind_ToAnEarlierLength_KeepsWhatIsBeforeIt()
    {
        using var buffer = new PooledBuffer();
        buffer.Write((byte[])[1, 2, 3]);

        buffer.Rewind(2);
        buffer.Write((byte[])[4]);

        Assert.Equal([1, 2, 4], buffer.Span.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Rewind(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Rewind(-1));
    }

    [Fact]
    public void Advance_BeyondTheMemory_Throws()
    {
        using var buffer = new PooledBuffer();
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(1_000_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(-1));
    }

    [Fact]
    public void GetSpan_MoreThanTheMost_Throws()
    {
        using var buffer = new PooledBuffer(most: 1000);
        buffer.Write(new byte[1000]);
        Assert.False(buffer.IsOverfull);

        Assert.Throws<InvalidOperationException>(() => buffer.GetSpan(10_000));

        Assert.True(buffer.IsOverfull);
        Assert.Equal(1000, buffer.Written);
    }

    [Fact]
    public void Dispose_Twice_GivesItsMemoryBackOnce()
    {
        var buffer = new PooledBuffer();
        buffer.Write(new byte[1000]);

        buffer.Dispose();
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Advance(1));
        buffer.Dispose();

        Assert.Equal(0, buffer.Written);
        Assert.NotSame(ArrayPool<byte>.Shared.Rent(1000), ArrayPool<byte>.Shared.Rent(1000));
    }

    [Fact]
    public void Abandon_SomebodyMayStillWriteToIt_NobodyElseGetsItsMemory()
    {
        // The pool hands a thread what that thread gave it last.
        using var buffer = new PooledBuffer();
        buffer.Write(new byte[1000]);
        Assert.True(MemoryMarshal.TryGetArray(buffer.Memory, out var abandoned));

        buffer.Abandon();

        Assert.NotSame(abandoned.Array, ArrayPool<byte>.Shared.Rent(1000));
        Assert.Equal(0, buffer.Written);
    }
}
