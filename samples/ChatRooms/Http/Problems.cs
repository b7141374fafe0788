namespace ChatRooms;

/// <summary>Every refusal in one form, RFC 9457 problem details; the texts never repeat what the caller sent.</summary>
internal static class Problems
{
    public static IResult Of(int status, string title, string detail) => Results.Problem(statusCode: status, title: title, detail: detail);

    public static IResult NoSession() => Of(401, "No session", "Open one with POST /api/sessions and send it as: Authorization: Bearer SESSION.");

    public static IResult UnknownRoom() => Of(404, "There is no such room", "GET /api/rooms lists the rooms.");
}
