class Uploads {
  running = new Map();

  begin(upload) {
    this.running.set(upload.id, { upload, sent: 0 });
  }

  end(upload) {
    upload.seconds = (Date.now() - upload.began) / 1000;
    this.running.delete(upload.id);
  }
}

const uploads = new Uploads();

function serve(name) {
  const upload = { id: `upload-${name}`, name, began: Date.now() };
  uploads.begin(upload);
  uploads.end(upload);
}

module.exports = { serve };
