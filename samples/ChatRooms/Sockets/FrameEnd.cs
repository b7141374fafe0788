namespace ChatRooms;

/// <summary>Why no frame came.</summary>
internal enum FrameEnd
{
    None,
    Closed,
    Broken,
    TooBig,
    Binary,
}
