using System.Buffers;

namespace ScaleKit.Caching;

/// <summary>A buffer writer on pooled memory. Not thread-safe; what was written is gone when it is disposed.</summary>
/// <param name="most">The most bytes that it makes room for: a store may hold anything.</param>
internal sealed class PooledBuffer(int most = int.MaxValue) : IBufferWriter<byte>, IDisposable
{
    private const int Smallest = 256;
    private byte[] _bytes = [];

    public int Written { get; private set; }

    /// <summary>Whether somebody wanted more room than there may be, and got an exception.</summary>
    public bool IsOverfull { get; private set; }

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Written);

    public Span<byte> Span => _bytes.AsSpan(0, Written);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - Written);
        Written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Written);
    }

    /// <summary>Goes back to an earlier length in the same memory.</summary>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Written);
        Written = length;
    }

    /// <summary>Leaves the memory to the garbage collector: somebody may still read it after an operation that was given up.</summary>
    public void Abandon()
    {
        _bytes = [];
        Written = 0;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Written = 0;
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = checked(Written + Math.Max(1, sizeHint));
        if (needed <= _bytes.Length)
            return;
        IsOverfull = needed > most;
        if (IsOverfull)
            throw new InvalidOperationException($"There is room for {most} bytes and not for {needed}.");
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(Math.Max(needed, Smallest), Math.Min(2L * _bytes.Length, Array.MaxLength)));
        Span.CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
