using System.Globalization;
using System.Text.Unicode;

namespace ScaleKit.Sharding;

/// <summary>
/// Finds the keys that most calls are for, in bounded memory: the Space-Saving algorithm (Metwally, Agrawal, El Abbadi 2005) over a random sample of the calls.
/// Thread-safe; never waits: when two samples meet, one is dropped.
/// </summary>
public sealed class HotKeySketch
{
    private const int KeptCharacters = 128;

    private readonly Lock _gate = new();
    private readonly HotKeyOptions _options;
    private readonly Dictionary<ulong, int> _positions;
    private readonly ulong[] _hashes;
    private readonly string[] _keys;
    private readonly long[] _counts;
    private readonly long[] _errors;
    private long _samples;

    /// <summary>Makes a sketch; <see cref="HotKeyOptions.Enabled"/> does not matter here.</summary>
    /// <param name="options">Settings, checked and copied; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public HotKeySketch(HotKeyOptions? options = null)
    {
        _options = HotKeyOptions.ValidatedCopy(options ?? new HotKeyOptions());
        _positions = new Dictionary<ulong, int>(_options.Capacity);
        _hashes = new ulong[_options.Capacity];
        _keys = new string[_options.Capacity];
        _counts = new long[_options.Capacity];
        _errors = new long[_options.Capacity];
    }

    /// <summary>Samples that were counted since the beginning or the last <see cref="Reset"/>.</summary>
    public long Samples => Interlocked.Read(ref _samples);

    /// <summary>Tells of a call; one in <see cref="HotKeyOptions.SampleEvery"/> is counted.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    public void Observe(ReadOnlySpan<char> key, ulong hash)
    {
        if (IsSampled())
        {
            Count(key, hash);
        }
    }

    /// <inheritdoc cref="Observe(ReadOnlySpan{char}, ulong)"/>
    public void ObserveUtf8(ReadOnlySpan<byte> key, ulong hash)
    {
        if (IsSampled())
        {
            Span<char> text = stackalloc char[KeptCharacters];
            Utf8.ToUtf16(key, text, out _, out var written);
            Count(text[..written], hash);
        }
    }

    /// <inheritdoc cref="Observe(ReadOnlySpan{char}, ulong)"/>
    /// <typeparam name="TKey">An integer or a GUID.</typeparam>
    public void Observe<TKey>(TKey key, ulong hash)
        where TKey : ISpanFormattable
    {
        if (IsSampled())
        {
            Span<char> text = stackalloc char[64];
            Count(key.TryFormat(text, out var written, default, CultureInfo.InvariantCulture) ? text[..written] : default, hash);
        }
    }

    /// <summary>The keys with the largest shares, the largest first.</summary>
    /// <param name="count">How many at most, from 1. Default 10.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public IReadOnlyList<HotKey> Top(int count = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (_gate)
        {
            return
            [
                .. Enumerable.Range(0, _positions.Count)
                    .OrderByDescending(i => _counts[i]).ThenBy(i => _hashes[i])
                    .Take(count)
                    .Select(i => new HotKey(_keys[i], _hashes[i], _counts[i] / (double)_samples, _errors[i] / (double)_samples)),
            ];
        }
    }

    /// <summary>Forgets everything: the next report begins here.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _positions.Clear();
            Interlocked.Exchange(ref _samples, 0);
        }
    }

    // By chance, not every nth: a fixed distance would meet a caller's own rhythm and see always the same of its keys.
    private bool IsSampled() => Random.Shared.Next(_options.SampleEvery) == 0;

    private void Count(ReadOnlySpan<char> key, ulong hash)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            Interlocked.Increment(ref _samples);
            if (_positions.TryGetValue(hash, out var position))
            {
                _counts[position]++;
                return;
            }

            Replace_NeedsLock(_positions.Count < _counts.Length ? Free_NeedsLock() : Least_NeedsLock(), key, hash);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private int Free_NeedsLock()
    {
        var position = _positions.Count;
        _counts[position] = 0;
        return position;
    }

    private int Least_NeedsLock()
    {
        var least = Array.IndexOf(_counts, _counts.Min());
        _positions.Remove(_hashes[least]);
        return least;
    }

    /// <summary>The newcomer inherits the count of whom it replaces: too high by that at most, never too low.</summary>
    private void Replace_NeedsLock(int position, ReadOnlySpan<char> key, ulong hash)
    {
        _positions.Add(hash, position);
        _hashes[position] = hash;
        _keys[position] = _options.HashKeys ? Fingerprints.Format(hash) : key[..Math.Min(key.Length, KeptCharacters)].ToString();
        _errors[position] = _counts[position];
        _counts[position]++;
    }
}
