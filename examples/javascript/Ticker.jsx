import { useEffect, useState } from "react";

// Each mount leaves an interval and a listener behind.
export function Ticker({ feed }) {
  const [price, setPrice] = useState(null);

  useEffect(() => {
    setInterval(() => setPrice(feed.latest()), 1000);
    window.addEventListener("online", () => feed.reconnect());
  }, [feed]);

  return <output>{price}</output>;
}
