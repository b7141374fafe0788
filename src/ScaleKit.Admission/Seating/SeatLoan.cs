namespace ScaleKit.Admission;

/// <summary>
/// Seats that the books count as taken and that one room gives out and takes back by itself, without the queue's lock: one word, one compare-and-swap each.
/// That is the escrow method (O'Neil, ACM TODS 1986): a share of a total is set aside, so that who takes from the share need not look at the total.
/// </summary>
/// <remarks>Opened and closed under the queue's lock, used without it. A closed loan refuses; then the lock decides.</remarks>
internal struct SeatLoan
{
    /// <summary>The most seats that one loan can hold.</summary>
    public const int Most = (1 << CountBits) - 1;

    // From the top: open, keeps one, lent (20), taken (20), releases since it was opened (22).
    private const int CountBits = 20;
    private const int ReleaseBits = 22;
    private const int LentShift = ReleaseBits + CountBits;
    private const long OneTaken = 1L << ReleaseBits;
    private const long MostReleases = OneTaken - 1;
    private const long IsOpenBit = long.MinValue;
    private const long KeepsOneBit = 1L << 62;

    private long _word;

    /// <summary>Sets <paramref name="lent"/> seats aside, of which <paramref name="taken"/> are taken already.</summary>
    /// <param name="lent">All seats of the loan, up to <see cref="Most"/>.</param>
    /// <param name="taken">Those that are taken.</param>
    /// <param name="keepsOne">The last taken seat is not taken back here: somebody wants to be told that the room is empty.</param>
    public void Open(int lent, int taken, bool keepsOne) =>
        Volatile.Write(ref _word, IsOpenBit | (keepsOne ? KeepsOneBit : 0) | ((long)lent << LentShift) | ((long)taken << ReleaseBits));

    /// <summary>Ends the loan and tells what has become of it. Whoever comes after this goes to the lock.</summary>
    public (int Lent, int Taken, int Releases) Close()
    {
        var word = Interlocked.Exchange(ref _word, 0);
        return ((int)(word >> LentShift) & Most, Taken(word), (int)(word & MostReleases));
    }

    public bool TryTake()
    {
        var word = Volatile.Read(ref _word);
        while (word < 0 && Taken(word) < ((int)(word >> LentShift) & Most))
        {
            var seen = Interlocked.CompareExchange(ref _word, word + OneTaken, word);
            if (seen == word)
            {
                return true;
            }

            word = seen;
        }

        return false;
    }

    public bool TryGiveBack()
    {
        var word = Volatile.Read(ref _word);
        while (word < 0 && Taken(word) > ((word & KeepsOneBit) == 0 ? 0 : 1) && (word & MostReleases) < MostReleases)
        {
            var seen = Interlocked.CompareExchange(ref _word, word - OneTaken + 1, word);
            if (seen == word)
            {
                return true;
            }

            word = seen;
        }

        return false;
    }

    private static int Taken(long word) => (int)(word >> ReleaseBits) & Most;
}
