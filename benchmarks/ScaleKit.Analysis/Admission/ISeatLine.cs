namespace ScaleKit.Analysis.Admission;

/// <summary>A line for seats. Visitors are numbers in order of arrival; each call tells who got a seat by it.</summary>
internal interface ISeatLine
{
    /// <summary>A visitor comes for a room.</summary>
    IReadOnlyList<int> Enter(int visitor, int room);

    /// <summary>One who waits has had enough.</summary>
    IReadOnlyList<int> GiveUp(int visitor);

    /// <summary>One who sat goes.</summary>
    IReadOnlyList<int> Release(int visitor);

    /// <summary>The clock goes on.</summary>
    void Advance(TimeSpan by);
}
